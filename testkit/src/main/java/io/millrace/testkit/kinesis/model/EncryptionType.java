package io.millrace.testkit.kinesis.model;

/** Server-side encryption of a stream. */
public enum EncryptionType {
  /** Records are not encrypted. */
  NONE,
  /** Records are encrypted with a KMS key. */
  KMS
}
