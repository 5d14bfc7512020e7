package io.millrace.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user of producer, consumer and checkpoint-dynamodb downloads. */
class ClassPathBudgetTest {
  private static final int MAX_JARS = 60;
  private static final long MAX_BYTES = 25L * 1000 * 1000;

  @Test
  void producerConsumerAndLeaseStoreStayUnderSixtyJarsAndTwentyFiveMegabytes() throws IOException {
    List<String> jars = new ArrayList<>();
    long bytes = 0;
    for (String entry :
        Files.readString(Path.of("target/users-class-path.txt"))
            .strip()
            .split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      jars.add(path.getFileName().toString());
      bytes += Files.isRegularFile(path) ? Files.size(path) : 0;
    }
    assertThat(jars).hasSizeLessThanOrEqualTo(MAX_JARS);
    assertThat(jars)
        .noneMatch(jar -> jar.startsWith("apache") || jar.startsWith("url-connection-client"));
    assertThat(bytes).isLessThanOrEqualTo(MAX_BYTES);
  }
}
