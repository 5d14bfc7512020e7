package io.millrace.simulation.mutant;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Loads the project's own classes anew, some of them woven: the code of the workers is mutated
 * where it stands, and knows nothing of it.
 */
final class MutantLoader extends ClassLoader {
  private static final String OURS = "io.millrace.";

  private final Map<String, byte[]> woven;

  /**
   * Loads nothing yet.
   *
   * @param woven the classes that are mutated, by name
   */
  MutantLoader(Map<String, byte[]> woven) {
    super(MutantLoader.class.getClassLoader());
    this.woven = woven;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = woven.containsKey(name) ? woven.get(name) : read(name);
        loaded = defineClass(name, bytes, 0, bytes.length);
      }
      return loaded;
    }
  }

  private byte[] read(String name) throws ClassNotFoundException {
    try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
