// The same commands and reports as those of the Java program AggregationLibrary.
'use strict';
const crypto = require('crypto');
const readline = require('readline');
const agg = require('aws-kinesis-agg');

const text = base64 => Buffer.from(base64, 'base64').toString('utf8');
const tell = (...words) => process.stdout.write(words.join('\t') + '\n');
let records = [];

const commands = {
  add(key, explicitHashKey, data) {
    records.push({
      partitionKey: text(key),
      explicitHashKey: explicitHashKey === '-' ? undefined : explicitHashKey,
      data: Buffer.from(data, 'base64'),
    });
  },
  finish() {
    const aggregator = new agg.RecordAggregator();
    aggregator.aggregateRecords(records, true, (error, encoded) => {
      if (error) {
        tell('failed', error);
      } else {
        tell('aggregate', encoded.data.toString('base64'));
      }
    });
    records = [];
  },
  read(sequenceNumber, data) {
    const kinesisRecord = { sequenceNumber, partitionKey: 'a', data };
    agg.deaggregateSync(kinesisRecord, true, (error, members) => {
      if (error) {
        tell('failed', error);
        return;
      }
      for (const member of members) {
        const payload = Buffer.from(member.data, 'base64');
        tell(
          'delivered',
          '',
          member.sequenceNumber,
          member.subSequenceNumber || 0,
          Buffer.from(member.partitionKey, 'utf8').toString('base64'),
          // Not member.explicitPartitionKey: a member without one gets the first of the table.
          '',
          payload.readInt32BE(0),
          payload.length,
          crypto.createHash('sha256').update(payload).digest('hex').slice(0, 16));
      }
      tell('end');
    });
  },
};

tell('started');
readline
  .createInterface({ input: process.stdin })
  .on('line', line => {
    const [command, ...words] = line.split(' ');
    try {
      commands[command](...words);
    } catch (error) {
      tell('failed', error);
    }
  })
  .on('close', () => process.exit(0));
