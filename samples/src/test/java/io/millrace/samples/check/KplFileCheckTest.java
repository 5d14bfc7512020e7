package io.millrace.samples.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.samples.check.Finding.Weight;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KplFileCheckTest {
  @TempDir Path folder;

  @Test
  void valuesThatAreCarriedOverChangeNothing() {
    List<Finding> findings = check("RecordTtl", "45000");
    assertThat(findings).noneMatch(finding -> finding.text().startsWith("recordTtl"));
    assertThat(findings)
        .last()
        .satisfies(finding -> assertThat(finding.weight()).isEqualTo(Weight.STAYS))
        .extracting(Finding::text)
        .asString()
        .contains("deliveryTimeout=PT45S");
  }

  @Test
  void whatHasNoCounterpartStopsTheMove() {
    assertThat(check("VerifyCertificate", "false"))
        .anyMatch(
            finding ->
                finding.weight() == Weight.STOP && finding.text().startsWith("verifyCertificate"));
  }

  @Test
  void whatBelongsToTheClientIsAChange() {
    assertThat(check("Region", "eu-central-1"))
        .anyMatch(
            finding -> finding.weight() == Weight.CHANGES && finding.text().startsWith("region"));
  }

  @Test
  void exitStatusTellsWhetherSomethingIsInTheWay() throws IOException {
    assertThat(run("RecordTtl = 45000")).isZero();
    assertThat(run("VerifyCertificate = false")).isEqualTo(1);
    assertThat(run("RecordTtl = soon")).isEqualTo(2);
    assertThat(Check.run(new String[] {"kpl", "no such file"}, sink(), sink())).isEqualTo(2);
    assertThat(Check.run(new String[] {}, sink(), sink())).isEqualTo(2);
  }

  private int run(String line) throws IOException {
    Path file = folder.resolve("kpl.properties");
    Files.writeString(file, line);
    return Check.run(new String[] {"kpl", file.toString()}, sink(), sink());
  }

  private static List<Finding> check(String name, String value) {
    Properties properties = new Properties();
    properties.setProperty(name, value);
    return KplFileCheck.of(properties);
  }

  private static PrintStream sink() {
    return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
  }
}
