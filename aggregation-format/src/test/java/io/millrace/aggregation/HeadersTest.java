package io.millrace.aggregation;

import static io.millrace.aggregation.Aggregates.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.millrace.aggregation.reference.Record;
import io.millrace.aggregation.reference.Tag;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class HeadersTest {
  @Property
  void anyBytesComeBackAndAreUtf8OnTheWire(@ForAll byte[] value) throws Exception {
    Headers headers = Headers.builder().add("name", value).build();
    byte[] aggregate = aggregateWith(headers);
    Tag tag = Aggregates.parse(aggregate).getRecords(0).getTags(0);
    assertThat(tag.getValueBytes().isValidUtf8()).isTrue();
    assertThat(read(aggregate).value("name")).contains(value);
  }

  @Property
  void textStaysReadableForAnyReaderOfTheMessage(@ForAll("text") String text) throws Exception {
    byte[] aggregate = aggregateWith(Headers.builder().add("name", text).build());
    Tag tag = Aggregates.parse(aggregate).getRecords(0).getTags(0);
    assertThat(tag.getKey()).isEqualTo("name");
    assertThat(tag.getValue()).isEqualTo(text);
    assertThat(read(aggregate).text("name")).contains(text);
  }

  @Provide
  Arbitrary<String> text() {
    return Arbitraries.strings().filter(StandardCharsets.UTF_8.newEncoder()::canEncode);
  }

  @Test
  void bytesThatAreNoTextAreWrittenAsBase64() throws Exception {
    byte[] aggregate =
        aggregateWith(Headers.builder().add("id", new byte[] {(byte) 0xFF, 0, 1}).build());
    assertThat(Aggregates.parse(aggregate).getRecords(0).getTags(0).getValue())
        .isEqualTo("data:;base64,/wAB");
  }

  @Test
  void textThatLooksLikeOurBase64IsWrittenAsBase64SoThatItComesBack() throws Exception {
    String text = "data:;base64,aGVsbG8=";
    byte[] aggregate = aggregateWith(Headers.builder().add("url", text).build());
    assertThat(Aggregates.parse(aggregate).getRecords(0).getTags(0).getValue()).isNotEqualTo(text);
    assertThat(read(aggregate).text("url")).contains(text);
  }

  @Test
  void tagsOfAnotherWriterAreTakenAsTheyAre() {
    Record record =
        Aggregates.record(0, "x").toBuilder()
            .addTags(Tag.newBuilder().setKey("no value"))
            .addTags(Tag.newBuilder().setKey("").setValue("no name"))
            .addTags(Tag.newBuilder().setKey("no base64").setValue("data:;base64,@@@"))
            .addTags(Tag.newBuilder().setKey("base64").setValue("data:;base64,aGk="))
            .addTags(Tag.newBuilder().setKeyBytes(ByteString.copyFrom(new byte[] {(byte) 0xC3})))
            .build();
    byte[] aggregate = Aggregates.frame(Aggregates.body("a").addRecords(record).build());
    List<String> seen = new ArrayList<>();
    read(aggregate).forEach(header -> seen.add(header.name() + "=" + header.text()));
    assertThat(seen)
        .containsExactly(
            "no value=", "=no name", "no base64=data:;base64,@@@", "base64=hi", "\uFFFD=");
  }

  @Test
  void orderAndRepeatedNamesAreKeptAndTheLastOneIsFoundByName() {
    Headers headers =
        Headers.builder().add("a", "1").add("b", "2").add("a", "3").add("empty", "").build();
    Headers back = read(aggregateWith(headers));
    assertThat(back).isEqualTo(headers).hasSameHashCodeAs(headers);
    assertThat(back.size()).isEqualTo(4);
    assertThat(back.isEmpty()).isFalse();
    assertThat(back.text("a")).contains("3");
    assertThat(back.text("empty")).contains("");
    assertThat(back.value("missing")).isEmpty();
  }

  @Test
  void receivedHeadersCanBePutAgain() {
    Headers headers = Headers.builder().add("a", new byte[] {(byte) 0x80}).add("b", "é").build();
    byte[] first = aggregateWith(headers);
    assertThat(aggregateWith(read(first))).isEqualTo(first);
  }

  @Test
  void noHeadersTakeNoBytes() {
    assertThat(Headers.builder().build()).isSameAs(Headers.NONE);
    assertThat(AggregateEncoder.sizeBytesAlone("a", null, 1, Headers.NONE)).isEqualTo(30);
  }

  @Test
  void eachHeaderTakesExactlyWhatItsMessageTakes() {
    Tag tag = Tag.newBuilder().setKey("name").setValue("v".repeat(200)).build();
    Headers headers = Headers.builder().add("name", "v".repeat(200)).build();
    long with = AggregateEncoder.sizeBytesAlone("a", null, 1, headers);
    // The record around the tag grows beyond 127 bytes, so its own length takes one byte more.
    assertThat(with).isEqualTo(30 + CodedOutputStream.computeMessageSize(4, tag) + 1L);
  }

  @Test
  void valuesAreCopiedInAndOut() {
    byte[] value = bytes("value");
    Headers headers = Headers.builder().add("name", value).build();
    value[0] = 'X';
    headers.value("name").orElseThrow()[1] = 'X';
    headers.iterator().next().value()[2] = 'X';
    assertThat(headers.text("name")).contains("value");
  }

  @Test
  void aNameThatTheFormatCannotHoldIsRefused() {
    assertThatThrownBy(() -> Headers.builder().add("", "v"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("header name is empty");
    assertThatThrownBy(() -> Headers.builder().add("\uD800", "v"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("header name has an unpaired surrogate");
    assertThatThrownBy(() -> Headers.builder().add("n", "\uDC00"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("header value has an unpaired surrogate");
  }

  @Test
  void textOfHeadersHoldsNeitherNamesNorValues() {
    Headers headers = Headers.builder().add("secret-name", "secret-value").build();
    assertThat(headers.toString() + headers.iterator().next()).doesNotContain("secret");
  }

  private static byte[] aggregateWith(Headers headers) {
    AggregateEncoder encoder = new AggregateEncoder(1 << 20, ChunkPool.unpooled(64));
    encoder.tryAdd("a", null, bytes("data"), headers);
    return encoder.finish();
  }

  private static Headers read(byte[] aggregate) {
    return Aggregates.readable(aggregate).iterator().next().headers();
  }
}
