package io.millrace.architecture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A test that a page names as the proof of a sentence is there, class and method. */
class NamedTestsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /**
   * {@code ATest}, {@code ATest.method}, {@code ATest.meth...}; and {@code .method} of the same.
   */
  private static final Pattern NAME =
      Pattern.compile("`(?:([A-Z]\\w*Test)(?:\\.(\\w+)(\\.\\.\\.)?)?|\\.(\\w+)(\\.\\.\\.)?)`");

  private static final Pattern SUPERCLASS = Pattern.compile("class \\w+ extends (\\w+)");

  @Test
  void everyTestThatAPageNamesIsThere() throws IOException {
    Map<String, String> sources = sources();
    List<String> missing = new ArrayList<>();
    int named = 0;
    for (Path page : pages()) {
      String last = "";
      Matcher name = NAME.matcher(Files.readString(page, UTF_8));
      while (name.find()) {
        boolean whole = name.group(1) != null;
        String test = whole ? name.group(1) : last;
        String method = name.group(whole ? 2 : 4);
        boolean beginning = name.group(whole ? 3 : 5) != null;
        last = test;
        if (!test.isEmpty()) {
          named++;
          if (!isThere(sources, test, method == null ? "" : method, beginning)) {
            missing.add(ROOT.relativize(page) + ": " + name.group());
          }
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(named).isGreaterThan(100);
  }

  /** Whether a test, or one that it extends, has the method. */
  private static boolean isThere(
      Map<String, String> sources, String test, String method, boolean beginning) {
    String source = sources.getOrDefault(test, "");
    if (source.isEmpty()) {
      return false;
    }
    if (method.isEmpty()
        || Pattern.compile("void " + method + (beginning ? "\\w*" : "") + "\\(")
            .matcher(source)
            .find()) {
      return true;
    }
    Matcher superclass = SUPERCLASS.matcher(source);
    while (superclass.find()) {
      if (!superclass.group(1).equals(test)
          && isThere(sources, superclass.group(1), method, beginning)) {
        return true;
      }
    }
    return false;
  }

  /** The text of each class by its name; classes with one name together. */
  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (Path file : files(ROOT, ".java")) {
      String name = file.getFileName().toString().replace(".java", "");
      sources.merge(name, Files.readString(file, UTF_8), (one, other) -> one + "\n" + other);
    }
    return sources;
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
    pages.add(ROOT.resolve("README.md"));
    return pages;
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          /** What other modules build at this moment comes and goes. */
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            return name.equals("target") || name.startsWith(".")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(ending)) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }
}
