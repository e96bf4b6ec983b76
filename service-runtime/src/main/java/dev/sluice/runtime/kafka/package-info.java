/// Kafka: topics, sending ([dev.sluice.runtime.kafka.KafkaPublisher]), reading back
/// ([dev.sluice.runtime.kafka.KafkaLogTail]), streams with their dead letters and the partition
/// assignment that ownership follows.
@NullMarked
package dev.sluice.runtime.kafka;

import org.jspecify.annotations.NullMarked;
