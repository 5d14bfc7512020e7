package io.millrace.integration.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A package of the npm registry, installed under target/ from a committed lock file, with a script
 * of ours beside it.
 */
public final class NodePackage {
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(3);

  private NodePackage() {}

  /** Why nothing can be installed here; empty if it can. */
  public static Optional<String> missing() {
    for (String program : List.of("node", "npm")) {
      if (!onPath(program)) {
        return Optional.of(program + " is not on the PATH: install Node.js 18 or later");
      }
    }
    return Optional.empty();
  }

  /** What a program of Node.js is called here. */
  public static String program(String name) {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    return windows && name.equals("npm") ? "npm.cmd" : name;
  }

  /**
   * Installs what the folder of the test resources names, unless it is there.
   *
   * @param name of the folder, in the resources and under target/
   * @param script beside package.json and package-lock.json
   * @return where it is
   */
  public static Path install(String name, String script) {
    Path folder = Path.of(System.getProperty("basedir", ""), "target", name).toAbsolutePath();
    try {
      Files.createDirectories(folder);
      try (FileChannel lock =
          FileChannel.open(
              folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lock.lock();
        for (String file : List.of("package.json", "package-lock.json", script)) {
          try (InputStream content =
              NodePackage.class.getResourceAsStream("/" + name + "/" + file)) {
            Files.copy(content, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
          }
        }
        Path installedLock = folder.resolve("installed-lock.json");
        Path wantedLock = folder.resolve("package-lock.json");
        if (!Files.exists(installedLock) || Files.mismatch(installedLock, wantedLock) != -1) {
          npmCi(folder);
          Files.copy(wantedLock, installedLock, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(name + " could not be installed in " + folder, e);
    }
  }

  private static void npmCi(Path folder) throws IOException {
    Path log = folder.resolve("npm.log");
    Process npm =
        new ProcessBuilder(
                program("npm"),
                "ci",
                "--prefer-offline",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .start();
    try {
      if (!npm.waitFor(INSTALL_LIMIT.toSeconds(), TimeUnit.SECONDS) || npm.exitValue() != 0) {
        throw new IllegalStateException(
            "npm ci could not install "
                + folder
                + " (is a package registry reachable?):\n"
                + Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while npm ci ran", e);
    } finally {
      npm.descendants().forEach(ProcessHandle::destroyForcibly);
      npm.destroyForcibly();
    }
  }

  private static boolean onPath(String name) {
    try {
      Process version =
          new ProcessBuilder(program(name), "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = version.waitFor(20, TimeUnit.SECONDS);
      version.destroyForcibly();
      return ended && version.exitValue() == 0;
    } catch (IOException notThere) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
