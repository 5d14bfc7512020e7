package io.millrace.integration.interop;

import io.millrace.interop.peer.AggregationLibrary;
import io.millrace.interop.peer.KclWorker;
import io.millrace.interop.peer.KplWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Other software, with the class path that it was released with. */
enum Peer {
  KCL_3_5("KCL 3.5.1", KclWorker.class, "../interop-peers/class-paths/kcl-3.5"),
  KCL_3_4("KCL 3.4.2", KclWorker.class, "../interop-peers/class-paths/kcl-3.4"),
  KCL_2("KCL 2.7.2", KclWorker.class, "../interop-peers/class-paths/kcl-2"),
  KPL("KPL 1.1.1", KplWriter.class, "../benchmarks/kpl"),
  JAVA_AGGREGATION(
      "Java aggregation library 1.0.3",
      AggregationLibrary.class,
      "../interop-peers/class-paths/aggregation");

  private final String title;
  private final Class<?> main;
  private final Path module;

  Peer(String title, Class<?> main, String module) {
    this.title = title;
    this.main = main;
    this.module = Path.of(System.getProperty("basedir", ".")).resolve(module);
  }

  Class<?> main() {
    return main;
  }

  /** The program and the peer's jars, and nothing else. */
  String classPath() {
    Path target = module.resolve("target");
    Path file = this == KPL ? target.resolve("kpl.classpath") : target.resolve("class-path.txt");
    try {
      String own =
          Path.of(main.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
      return own + File.pathSeparator + Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no class path of " + this + ": run the build with -Pinterop", e);
    }
  }

  @Override
  public String toString() {
    return title;
  }
}
