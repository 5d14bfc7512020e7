package io.millrace.integration.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DifferencesAreDocumentedTest {
  private static final List<Class<? extends Conformance>> SUITES =
      List.of(
          StreamConformance.class,
          PutConformance.class,
          ReadConformance.class,
          ReshardConformance.class,
          FanOutConformance.class,
          WireConformance.class);

  @Test
  void compatibilityListsExactlyTheDifferencesThatTheTestsKnow() throws IOException {
    List<String> known = new ArrayList<>();
    for (Class<?> suite : SUITES) {
      for (Method test : suite.getDeclaredMethods()) {
        for (Differs differs : test.getAnnotationsByType(Differs.class)) {
          known.add(
              "| %s | %s | %s | `%s.%s` |"
                  .formatted(
                      differs.on().title(),
                      differs.service(),
                      differs.here(),
                      suite.getSimpleName(),
                      test.getName()));
        }
      }
    }

    String document =
        Files.readString(
            Path.of(System.getProperty("basedir", "."), "..", "docs", "compatibility.md"));
    List<String> listed =
        document
            .lines()
            .dropWhile(line -> !line.startsWith("| endpoint | the service"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();

    assertThat(listed).containsExactlyInAnyOrderElementsOf(known);
  }
}
