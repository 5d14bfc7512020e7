package io.millrace.testkit.dynamodb;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.BindException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The main class of the child: starts the server, proves it with a request, tells the parent the
 * port, and lives as long as the parent does. Reaches DynamoDB Local by reflection only, so that
 * the testkit compiles without it; uses the JDK alone, because what else is on its class path is
 * not ours.
 */
final class DynamoDbLocalLauncher {
  static final String READY = "millrace-dynamodb-local ready on port ";

  /**
   * A free port can be taken by somebody else before the server binds it; more than once in a row
   * is another fault.
   */
  private static final int BIND_ATTEMPTS = 5;

  private static final int FIRST_ANSWER_TIMEOUT_MILLIS = 100_000;

  private DynamoDbLocalLauncher() {}

  public static void main(String[] arguments) throws Exception {
    endWithParent();
    PrintStream toParent = System.out;
    try {
      int port = startServer();
      int status = firstAnswer(port);
      if (status == HttpURLConnection.HTTP_OK) {
        deleteNativeLibrary();
        toParent.println(READY + port);
        return; // The server's threads keep the JVM alive.
      }
      toParent.println("The first request was answered by HTTP " + status);
    } catch (Throwable e) { // Whatever it is, the parent has to learn it.
      e.printStackTrace(toParent);
    }
    Runtime.getRuntime().halt(1);
  }

  /**
   * The parent holds the other end of standard input; the system closes it however the parent ends.
   */
  private static void endWithParent() {
    Thread watch = new Thread(DynamoDbLocalLauncher::haltAtEndOfInput, "watch-parent");
    watch.setDaemon(true);
    watch.start();
  }

  private static void haltAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever sent.
      }
    } catch (IOException ignored) {
      // As good as its end.
    }
    deleteNativeLibrary();
    temporaryDirectory().delete();
    // Not exit: the server's own hooks take seconds, and nothing in memory is worth them.
    Runtime.getRuntime().halt(0);
  }

  /**
   * Deletes the native library that was unpacked at this start: at once where the system allows it
   * for a loaded one, else the parent does it at the end.
   */
  private static void deleteNativeLibrary() {
    @Nullable File[] unpacked = temporaryDirectory().listFiles();
    for (File file : unpacked == null ? new File[0] : unpacked) {
      if (file.getName().contains("sqlite")) {
        file.delete();
      }
    }
  }

  /** This process's own: the parent has made it for it. */
  private static File temporaryDirectory() {
    return new File(System.getProperty("java.io.tmpdir"));
  }

  private static int startServer() throws Exception {
    Class<?> runner = Class.forName("com.amazonaws.services.dynamodbv2.local.main.ServerRunner");
    for (int attempt = 1; ; attempt++) {
      int port = freePort();
      String[] options = {
        "-inMemory", "-sharedDb", "-disableTelemetry", "-port", Integer.toString(port)
      };
      Object server =
          runner
              .getMethod("createServerFromCommandLineArgs", String[].class)
              .invoke(null, (Object) options);
      try {
        server.getClass().getMethod("start").invoke(server);
        return port;
      } catch (InvocationTargetException e) {
        if (attempt == BIND_ATTEMPTS || !causedByBind(e)) {
          throw e;
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static boolean causedByBind(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return true;
      }
    }
    return false;
  }

  /** The HTTP status of the first request; it loads the native library. */
  private static int firstAnswer(int port) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
    connection.setConnectTimeout(FIRST_ANSWER_TIMEOUT_MILLIS);
    connection.setReadTimeout(FIRST_ANSWER_TIMEOUT_MILLIS);
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "application/x-amz-json-1.0");
    connection.setRequestProperty("X-Amz-Target", "DynamoDB_20120810.ListTables");
    // The server wants the shape of a signature and checks none.
    connection.setRequestProperty(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request,"
            + " SignedHeaders=host, Signature=0");
    try (OutputStream body = connection.getOutputStream()) {
      body.write("{}".getBytes(StandardCharsets.US_ASCII));
    }
    return connection.getResponseCode();
  }
}
