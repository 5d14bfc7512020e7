package io.millrace.producer.internal.loop;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the producer logs while this is open, in place of the console. */
final class CapturedLog implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.millrace");
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final Level before = logger.getLevel();

  CapturedLog(Level level) {
    logger.setLevel(level);
    logger.setAdditive(false);
    events.start();
    logger.addAppender(events);
  }

  List<ILoggingEvent> events() {
    return events.list;
  }

  @Override
  public void close() {
    logger.detachAppender(events);
    logger.setAdditive(true);
    logger.setLevel(before);
  }
}
