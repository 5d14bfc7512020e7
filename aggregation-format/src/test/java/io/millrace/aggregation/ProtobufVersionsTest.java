package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The compiled codec runs on other versions of protobuf-java than the one it is built with: users
 * have theirs from the KPL, the KCL or anything else. The build lays their jars out.
 */
class ProtobufVersionsTest {
  private static final Path JARS = Path.of("target", "protobuf-versions");

  static List<Path> jars() throws IOException {
    try (Stream<Path> jars = Files.list(JARS)) {
      return jars.sorted().toList();
    }
  }

  @Test
  void theLowestSupportedVersionIsAmongThoseTested() throws IOException {
    assertThat(jars())
        .hasSizeGreaterThan(2)
        .first()
        .asString()
        .endsWith("protobuf-java-3.25.5.jar");
  }

  @ParameterizedTest
  @MethodSource("jars")
  void theCodecWorksOn(Path jar) throws Exception {
    URL[] classPath = {
      jar.toUri().toURL(),
      Path.of("target", "classes").toUri().toURL(),
      Path.of("target", "test-classes").toUri().toURL()
    };
    try (URLClassLoader loader =
        new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
      Class<?> check = loader.loadClass(CodecCheck.class.getName());
      assertThat(check).isNotEqualTo(CodecCheck.class);
      Runnable codecCheck = (Runnable) check.getDeclaredConstructor().newInstance();
      assertThatCode(codecCheck::run).doesNotThrowAnyException();
    }
  }
}
