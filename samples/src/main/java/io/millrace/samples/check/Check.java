package io.millrace.samples.check;

import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClientBuilder;

/**
 * Reads a configuration file of the KPL, or a lease table of the KCL, and reports what would change
 * with Millrace. Writes nothing. Its exit status is 0, or 1 if something has to be done first, or 2
 * if it could not look.
 */
public final class Check {
  private static final String USAGE =
      """
      usage: samples/run check kpl FILE
             samples/run check kcl APPLICATION [--table NAME] [--endpoint URL] [--region NAME]
        FILE         a properties file as KinesisProducerConfiguration.fromPropertiesFile takes it
        APPLICATION  the KCL's application name, which is the lease table's too unless --table is given
      Credentials and region come from the SDK's default chains; an --endpoint needs no credentials.\
      """;

  private Check() {}

  /** Runs the check and ends the JVM. */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  static int run(String[] args, PrintStream out, PrintStream err) {
    try {
      List<Finding> findings = findings(args);
      findings.forEach(out::println);
      return findings.stream().anyMatch(f -> f.weight() == Finding.Weight.STOP) ? 1 : 0;
    } catch (IOException | IllegalArgumentException e) {
      err.println(e.getMessage());
      return 2;
    }
  }

  private static List<Finding> findings(String[] args) throws IOException {
    if (args.length == 2 && args[0].equals("kpl")) {
      return KplFileCheck.of(properties(Path.of(args[1])));
    }
    if (args.length >= 2 && args.length % 2 == 0 && args[0].equals("kcl")) {
      String application = args[1];
      String table = application;
      Optional<URI> endpoint = Optional.empty();
      Optional<Region> region = Optional.empty();
      for (int i = 2; i < args.length; i += 2) {
        switch (args[i]) {
          case "--table" -> table = args[i + 1];
          case "--endpoint" -> endpoint = Optional.of(URI.create(args[i + 1]));
          case "--region" -> region = Optional.of(Region.of(args[i + 1]));
          default -> throw new IllegalArgumentException(args[i] + " is unknown\n" + USAGE);
        }
      }
      try (DynamoDbAsyncClient dynamoDb = client(endpoint, region)) {
        return LeaseTableCheck.of(
            new LeaseTableReader(dynamoDb, InstantSource.system()).read(application, table));
      }
    }
    throw new IllegalArgumentException(USAGE);
  }

  private static Properties properties(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("there is no file " + file);
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return properties;
  }

  private static DynamoDbAsyncClient client(Optional<URI> endpoint, Optional<Region> region) {
    DynamoDbAsyncClientBuilder builder = DynamoDbAsyncClient.builder();
    endpoint.ifPresent(
        uri ->
            builder
                .endpointOverride(uri)
                .region(Region.US_EAST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(
                        AwsBasicCredentials.create("local", "local"))));
    region.ifPresent(builder::region);
    return builder.build();
  }
}
