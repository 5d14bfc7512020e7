package io.millrace.integration.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The cells of docs/compatibility.md name tests that there are. */
class CompatibilityPageTest {
  private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?(?:\\[\\d])?`");
  private static final Pattern SUPERCLASS = Pattern.compile("class \\w+ extends (\\w+)");

  @Test
  void everyCellNamesATest() throws IOException {
    Map<String, String> sources = sources();
    TreeSet<String> missing = new TreeSet<>();
    List<MatchResult> named =
        NAMED.matcher(Files.readString(ROOT.resolve("docs/compatibility.md"))).results().toList();
    for (MatchResult name : named) {
      String text = sourceWithSuperclasses(sources, name.group(1));
      if (text.isEmpty()
          || (name.group(2) != null && !text.contains("void " + name.group(2) + "("))) {
        missing.add(name.group());
      }
    }
    assertThat(named).hasSizeGreaterThan(20);
    assertThat(missing).isEmpty();
  }

  private static String sourceWithSuperclasses(Map<String, String> sources, String type) {
    String text = sources.getOrDefault(type, "");
    return SUPERCLASS
        .matcher(text)
        .results()
        .map(match -> text + sourceWithSuperclasses(sources, match.group(1)))
        .findFirst()
        .orElse(text);
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path tests : modules.map(module -> module.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(tests)) {
          try (Stream<Path> files = Files.walk(tests)) {
            files
                .filter(file -> file.toString().endsWith(".java"))
                .forEach(
                    file ->
                        sources.put(
                            file.getFileName().toString().replace(".java", ""), read(file)));
          }
        }
      }
    }
    return sources;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
