package io.millrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents say what the code does: snippets, commands, links. */
class ReadmeTest {
  private static final Path ROOT =
      Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();
  private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#)([^)#]+)(?:#[^)]*)?\\)");

  @Test
  void firstTwoCommandsAreTheQuickstartAndTheTests() throws IOException {
    assertThat(fences("sh").subList(0, 2))
        .containsExactly("./samples/run quickstart\n", "./mvnw -B verify\n");
    assertThat(read(".ci/run")).contains("\n./mvnw -B verify\n");
  }

  @Test
  void snippetsAreTheSamples() throws IOException {
    List<String> snippets = fences("java");

    assertThat(snippets).hasSizeGreaterThanOrEqualTo(2);
    assertThat(dedented("put/Put.java")).contains(snippets.get(0));
    assertThat(dedented("tail/Tail.java")).contains(snippets.get(1));
  }

  @Test
  void smallestSamplesFitOnOneScreen() throws IOException {
    for (String sample : List.of("put/Put.java", "tail/Tail.java")) {
      assertThat(read("samples/src/main/java/io/millrace/samples/" + sample).lines().count())
          .as(sample)
          .isLessThan(60);
    }
  }

  @Test
  void everyLinkBetweenDocumentsLeadsSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher links = LINK.matcher(Files.readString(document));
      while (links.find()) {
        if (!Files.exists(document.resolveSibling(links.group(1)))) {
          broken.add(ROOT.relativize(document) + ": " + links.group(1));
        }
      }
    }

    assertThat(broken).isEmpty();
  }

  private static List<String> fences(String language) throws IOException {
    List<String> fences = new ArrayList<>();
    Matcher fence = FENCE.matcher(read("README.md"));
    while (fence.find()) {
      if (fence.group(1).equals(language)) {
        fences.add(fence.group(2));
      }
    }
    return fences;
  }

  private static String dedented(String sample) throws IOException {
    return read("samples/src/main/java/io/millrace/samples/" + sample)
        .lines()
        .map(line -> line.startsWith("    ") ? line.substring(4) : line)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(ROOT.resolve("README.md")),
              docs.filter(file -> file.toString().endsWith(".md")))
          .toList();
    }
  }

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }
}
