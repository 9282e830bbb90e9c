// An OpenID Connect provider on loopback: `node provider.mjs PORT REDIRECT_URI`. Everybody signs in with any password.
import { Provider } from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "impact-web", client_secret: "a secret: + and %", redirect_uris: [redirectUri] }],
  claims: { openid: ["sub", "roles"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["of this test alone"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, roles: id === "boss" ? ["administrator", "offline_access"] : [] }),
  }),
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
