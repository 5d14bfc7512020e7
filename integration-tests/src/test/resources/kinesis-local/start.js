// Ends with the process that started it, however that ended: its standard input closes then.
process.stdin.on('end', () => process.exit(0)).resume();
// Says on which ports it listens: whoever only connects might reach somebody else.
const { Server } = require('net');
const { listen } = Server.prototype;
Server.prototype.listen = function (...where) {
  this.once('listening', () => console.log('listening on ' + this.address().port));
  return listen.apply(this, where);
};
// The server looks for its certificate in the folder it runs in.
process.chdir(require('path').dirname(require.resolve('kinesis-local')));
require('kinesis-local');
