// Ends with the process that started it, however that ended: its standard input closes then.
process.stdin.on('end', () => process.exit(0)).resume();
// The server looks for its certificate in the folder it runs in.
process.chdir(require('path').dirname(require.resolve('kinesis-local')));
require('kinesis-local');
