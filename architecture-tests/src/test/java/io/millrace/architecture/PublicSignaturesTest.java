package io.millrace.architecture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares the public signatures of the exported packages with the committed listing, so that no
 * change of the API goes unseen. {@code -Dsignatures.accept} writes the listing anew.
 */
class PublicSignaturesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.millrace.aggregation",
        "io.millrace.producer",
        "io.millrace.consumer",
        "io.millrace.dynamodb",
        "io.millrace.metrics.cloudwatch",
        "io.millrace.testkit",
      })
  void publicSignaturesAreThoseOfTheCommittedListing(String module) throws IOException {
    Path listing = Path.of("signatures", module + ".txt");
    String actual = String.join("\n", signaturesOf(module)) + "\n";
    if (!System.getProperty("signatures.accept", "no").equals("no")) {
      Files.createDirectories(listing.getParent());
      Files.writeString(listing, actual, UTF_8);
    }
    assertThat(listing)
        .as("no listing of %s: run with -Dsignatures.accept and commit it", module)
        .exists();
    assertThat(actual)
        .as(
            "the public API of %s changed: if it is meant, run with -Dsignatures.accept and commit"
                + " the listing",
            module)
        .isEqualTo(Files.readString(listing, UTF_8));
  }

  private static List<String> signaturesOf(String module) {
    Path[] classPath =
        Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1))
            .map(Path::of)
            .filter(
                path -> path.toString().contains("millrace-") || path.endsWith("target/classes"))
            .filter(Files::exists)
            .toArray(Path[]::new);
    ModuleReference reference =
        Arrays.stream(classPath)
            .flatMap(path -> ModuleFinder.of(path).findAll().stream())
            .filter(found -> found.descriptor().name().equals(module))
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("module " + module + " is not on the class path"));
    Set<String> exported =
        reference.descriptor().exports().stream()
            .filter(exports -> !exports.isQualified())
            .map(ModuleDescriptor.Exports::source)
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> lines = new ArrayList<>();
    for (Class<?> type : publicTypes(reference, exported)) {
      lines.add(header(type));
      members(type).forEach(member -> lines.add("  " + member));
    }
    return lines;
  }

  private static List<Class<?>> publicTypes(ModuleReference reference, Set<String> exported) {
    try (ModuleReader reader = reference.open()) {
      return reader
          .list()
          .filter(name -> name.endsWith(".class") && name.contains("/"))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .filter(name -> exported.contains(name.substring(0, name.lastIndexOf('.'))))
          .filter(name -> !name.endsWith("-info"))
          .sorted()
          .<Class<?>>map(PublicSignaturesTest::load)
          .filter(PublicSignaturesTest::isVisible)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicSignaturesTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    for (Class<?> t = type; t != null; t = t.getEnclosingClass()) {
      if (!Modifier.isPublic(t.getModifiers()) && !Modifier.isProtected(t.getModifiers())) {
        return false;
      }
    }
    return !type.isAnonymousClass() && !type.isLocalClass() && !type.isSynthetic();
  }

  private static String header(Class<?> type) {
    String parents =
        Arrays.stream(type.getGenericInterfaces())
            .map(java.lang.reflect.Type::getTypeName)
            .sorted()
            .collect(Collectors.joining(", "));
    Class<?> superclass = type.getSuperclass();
    String extended =
        superclass == null
                || superclass == Object.class
                || superclass == Record.class
                || type.isEnum()
            ? ""
            : " extends " + type.getGenericSuperclass().getTypeName();
    // Later JDKs name the modifier by themselves: said here, every JDK makes the same listing.
    String named = type.toGenericString().replaceFirst("\\b(non-)?sealed ", "");
    return (type.isSealed() ? "sealed " : "")
        + named
        + extended
        + (parents.isEmpty() ? "" : " : " + parents);
  }

  private static Set<String> members(Class<?> type) {
    Set<String> members = new TreeSet<>();
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      addIfVisible(members, constructor, constructor.toGenericString());
    }
    for (Method method : type.getDeclaredMethods()) {
      if (!method.isBridge()) {
        addIfVisible(members, method, method.toGenericString());
      }
    }
    for (Field field : type.getDeclaredFields()) {
      addIfVisible(members, field, field.toGenericString());
    }
    return members;
  }

  private static void addIfVisible(Set<String> members, Member member, String signature) {
    int modifiers = member.getModifiers();
    boolean synthetic =
        member instanceof Executable executable ? executable.isSynthetic() : member.isSynthetic();
    if ((Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers)) && !synthetic) {
      members.add(signature);
    }
  }
}
