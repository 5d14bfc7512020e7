package io.millrace.producer.internal.loop;

import io.millrace.producer.internal.batch.Lanes;
import io.millrace.producer.internal.send.KinesisPort;
import io.millrace.producer.internal.settle.FailureText;
import java.util.random.RandomGenerator;

/**
 * What the parts of one stream's loop share.
 *
 * @param contact whether the service was ever reached, over all streams
 */
record StreamParts(
    StreamIntake intake,
    KinesisPort port,
    Lanes lanes,
    Deliveries deliveries,
    StreamTrouble trouble,
    FailureText text,
    ServiceContact contact,
    StreamMeters meters,
    RandomGenerator random) {}
