package io.millrace.testkit.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.testkit.dynamodb.DynamoDbLocalUnavailableException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DynamoDbLocalTest {
  @TempDir Path directory;

  @Test
  void missingClassPathFileIsNamed() {
    Path missing = directory.resolve("none.classpath");
    assertThatExceptionOfType(DynamoDbLocalUnavailableException.class)
        .isThrownBy(() -> DynamoDbLocal.start(missing))
        .withMessageContaining(missing.toString())
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CLASS_PATH_MISSING));
  }

  @Test
  void missingJarIsNamed() throws IOException {
    Path jar = directory.resolve("gone.jar");
    Path file = Files.writeString(directory.resolve("one.classpath"), jar + "\n");
    assertThatExceptionOfType(DynamoDbLocalUnavailableException.class)
        .isThrownBy(() -> DynamoDbLocal.start(file))
        .withMessageContaining("gone.jar")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CLASS_PATH_MISSING));
  }

  @Test
  void classPathWithoutTheServerFailsWithItsOutput() throws IOException {
    Path jar = Files.createFile(directory.resolve("empty.jar"));
    Path file = Files.writeString(directory.resolve("one.classpath"), jar.toString());
    assertThatExceptionOfType(DynamoDbLocalUnavailableException.class)
        .isThrownBy(() -> DynamoDbLocal.start(file))
        .withMessageContaining("ClassNotFoundException")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PROCESS_FAILED));
  }

  @Test
  void nativeAccessIsGrantedOnlyWhereTheJvmWarnsWithoutIt() {
    assertThat(DynamoDbLocal.command(17, directory))
        .doesNotContain("--enable-native-access=ALL-UNNAMED");
    assertThat(DynamoDbLocal.command(25, directory)).contains("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void readyLineGivesThePort() {
    ChildOutput output = new ChildOutput();
    output.accept("Initializing DynamoDB Local");
    output.accept(DynamoDbLocalLauncher.READY + "41234");
    output.ended();
    assertThat(output.port()).isCompletedWithValue(41234);
  }

  @Test
  void linkErrorBeforeTheEndMeansNoNativeLibrary() {
    ChildOutput output = new ChildOutput();
    output.accept("java.lang.UnsatisfiedLinkError: no sqlite4java in java.library.path: /usr/lib");
    output.accept("\tat java.base/java.lang.System.loadLibrary(System.java:2063)");
    output.accept("The first request was answered by HTTP 500");
    output.ended();
    DynamoDbLocalUnavailableException fault = faultOf(output);
    assertThat(fault.reason()).isEqualTo(Reason.NATIVE_LIBRARY_MISSING);
    assertThat(fault).hasMessageContaining(System.getProperty("os.arch"));
  }

  @Test
  void keptOutputIsBoundedAndWithoutStackFrames() {
    ChildOutput output = new ChildOutput();
    for (int i = 0; i < 3 * ChildOutput.KEPT_LINES; i++) {
      output.accept("line " + i);
      output.accept("\tat some.Frame.of(Frame.java:" + i + ")");
    }
    output.ended();
    assertThat(faultOf(output).getMessage())
        .contains("line " + (3 * ChildOutput.KEPT_LINES - 1))
        .contains("line " + 2 * ChildOutput.KEPT_LINES)
        .doesNotContain("line " + (2 * ChildOutput.KEPT_LINES - 1))
        .doesNotContain("Frame");
  }

  private static DynamoDbLocalUnavailableException faultOf(ChildOutput output) {
    CompletionException thrown =
        catchThrowableOfType(CompletionException.class, output.port()::join);
    return (DynamoDbLocalUnavailableException) thrown.getCause();
  }
}
