// An OpenID provider that we did not write: npm's oauth2-mock-server. Started with chat-app as its folder,
// where the package is. Each line on standard input is an order, answered by a line when it is carried out:
// {"claims": {…}} puts these on the next id_tokens, {"key": true} signs with a new key and forgets the old one.
import { createInterface } from "node:readline";
import { OAuth2Server } from "oauth2-mock-server";

const server = new OAuth2Server();
await server.issuer.keys.generate("RS256");
await server.start(0, "127.0.0.1");

let claims = {};
server.service.on("beforeTokenSigning", (token) => {
  // An id_token is for a client; an access token of this server's has no audience.
  if (token.payload.aud) Object.assign(token.payload, claims);
});

async function follow(order) {
  if (order.claims) claims = order.claims;
  if (order.key) {
    const fresh = await server.issuer.keys.generate("RS256");
    server.issuer.keys.get = () => fresh;
  }
}

console.log(server.issuer.url);
for await (const line of createInterface({ input: process.stdin })) {
  await follow(JSON.parse(line));
  console.log("done");
}
await server.stop();
