export { Dns, type DnsSettings } from "./dns.ts";
export { DNS_SERVICE, dnsManifests } from "./dns-addon.ts";
export { DnsServer, type DnsServerSettings } from "./dns-server.ts";
