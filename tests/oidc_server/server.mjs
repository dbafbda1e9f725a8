// An OpenID provider for tests: whoever asks is let in as the account that the address names.
// Prints one line of JSON, {"issuer": …}, once it listens; ends when its standard input does.

import { createServer } from "node:http";
import Provider from "oidc-provider";

const [back] = process.argv.slice(2);
const server = createServer();

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "faldone",
        client_secret: "segreto-di-prova",
        redirect_uris: [back],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        token_endpoint_auth_method: "client_secret_basic",
      },
    ],
    cookies: { keys: ["chiave-di-prova"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    async loadExistingGrant(ctx) {
      const grant = new provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
    ttl: { Session: 60, Grant: 60, Interaction: 60, AccessToken: 60, IdToken: 60 },
  });
  // The addresses here are plain http on this machine, which the provider warns of.
  const answer = provider.callback();
  server.on("request", async (request, response) => {
    const [, step, , , account] = new URL(request.url, issuer).pathname.split("/");
    if (step === "interaction" && account) {
      const result =
        account === "rifiuta" ? { error: "access_denied" } : { login: { accountId: decodeURIComponent(account) } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      return;
    }
    answer(request, response);
  });
  console.log(JSON.stringify({ issuer }));
});

process.stdin.on("end", () => process.exit(0)).resume();
