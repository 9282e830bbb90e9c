// A program that lists topics with the types made of the API's description. What is wrong must not compile.
import createClient from "openapi-fetch";
import type { components, paths } from "./api";

const client = createClient<paths>({ baseUrl: process.argv[2] });
const { data, error } = await client.GET("/v1/topics", { params: { query: { limit: 200 } } });
if (data === undefined) {
  throw new Error(error.detail);
}
const names: string[] = data.items.map((topic: components["schemas"]["TopicView"]) => topic.name);
console.log(JSON.stringify(names));

// @ts-expect-error  there is no such address
await client.GET("/v1/nowhere").catch(() => undefined);
// @ts-expect-error  the limit is a number
await client.GET("/v1/topics", { params: { query: { limit: "many" } } });
// @ts-expect-error  a topic has a name of letters
const notANumber: number = data.items[0].name;
