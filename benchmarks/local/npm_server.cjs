// Runs @firestore-emulator/server from the folder named first, on the port named second; prints its address.
const [, , modules, port] = process.argv;
const { FirestoreServer } = require(`${modules}/@firestore-emulator/server`);
const server = new FirestoreServer();
server.start(Number(port)).then(() => console.log(`127.0.0.1:${port}`));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0)); // whoever started this one has ended
