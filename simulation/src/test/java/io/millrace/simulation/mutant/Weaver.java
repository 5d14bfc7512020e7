package io.millrace.simulation.mutant;

import static net.bytebuddy.matcher.ElementMatchers.is;
import static net.bytebuddy.matcher.ElementMatchers.isDeclaredBy;
import static net.bytebuddy.matcher.ElementMatchers.named;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.MemberSubstitution;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;

/** Puts advice into compiled methods, and fails where there is no such method any more. */
final class Weaver {
  private final ClassFileLocator files =
      ClassFileLocator.ForClassLoader.of(Weaver.class.getClassLoader());
  private final TypePool pool = TypePool.Default.of(files);
  private final Map<String, DynamicType.Builder<?>> builders = new HashMap<>();

  /** Puts advice around a method of a class. */
  Weaver advise(String type, String method, Class<?> advice) {
    return advise(type, named(method), advice);
  }

  /** Puts advice around a method of a class. */
  Weaver advise(String type, ElementMatcher<? super MethodDescription> method, Class<?> advice) {
    builders.put(type, builder(type, method).visit(Advice.to(advice, files).on(method)));
    return this;
  }

  /** Has a method call {@code hook} in place of a method of its arguments' class. */
  Weaver substitute(String type, String method, Class<?> owner, String called, Method hook) {
    MemberSubstitution substitution =
        MemberSubstitution.relaxed()
            .method(named(called).and(isDeclaredBy(is(owner))))
            .replaceWith(hook);
    builders.put(type, builder(type, named(method)).visit(substitution.on(named(method))));
    return this;
  }

  private DynamicType.Builder<?> builder(
      String name, ElementMatcher<? super MethodDescription> method) {
    TypeDescription type = pool.describe(name).resolve();
    if (type.getDeclaredMethods().filter(method).isEmpty()) {
      throw new IllegalStateException("there is no method to mutate in " + name + ": " + method);
    }
    DynamicType.Builder<?> begun = builders.get(name);
    return begun != null ? begun : new ByteBuddy().redefine(type, files);
  }

  /** The woven classes, by name. */
  Map<String, byte[]> classes() {
    Map<String, byte[]> classes = new HashMap<>();
    builders.forEach((name, builder) -> classes.put(name, builder.make().getBytes()));
    return classes;
  }
}
