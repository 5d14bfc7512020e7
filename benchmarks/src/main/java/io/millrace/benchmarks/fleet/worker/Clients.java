package io.millrace.benchmarks.fleet.worker;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;

/** What all clients of endpoints on this machine have in common. */
final class Clients {
  private static final String CREDENTIAL = "benchmark";

  private Clients() {}

  static <B extends AwsClientBuilder<B, ?>> B local(B builder) {
    return builder
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(CREDENTIAL, CREDENTIAL)));
  }
}
