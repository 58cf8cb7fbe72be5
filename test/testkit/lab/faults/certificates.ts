import { domain, hosts } from "../../../../image/lab/addresses.ts";
import { putFile } from "../../../../image/lab/peers.ts";
import { makeCompany } from "../../../../image/lab/peers-proxies.ts";
import type { ProxyLab } from "../proxies.ts";

export const portalFolder = "/run/lab/portal";

/**
 * Certificates of those who stand in the way, and wrong ones of the platform's own authority and of
 * the company's: `good` is right, for a server between that answers in the platform's place.
 */
export async function makeCertificates({ namespaces }: ProxyLab): Promise<void> {
  const { stdout } = await namespaces.run(["cat", "/run/lab/platform/certificate-authority.json"]);
  const authority: { certificate: string; privateKey: string } = JSON.parse(stdout);
  await putFile(namespaces, `${portalFolder}/platform.pem`, authority.certificate);
  await putFile(namespaces, `${portalFolder}/platform.key`, authority.privateKey);
  const company = await makeCompany(namespaces);
  await namespaces.runPeer([
    "sh",
    "-euc",
    `cp ${company}/company.pem ${company}/company.key ${portalFolder}/\n${script}`,
  ]);
}

const names = `DNS:${domain},DNS:*.${domain},IP:${hosts.platform.address}`;
const script = `
cd ${portalFolder}
ec="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $ec -days 30 -keyout own.key -out own.crt -subj "/CN=portal.example.com" -addext "subjectAltName=DNS:portal.example.com"
openssl req -x509 $ec -days 30 -keyout forged.key -out forged.crt -subj "/CN=Somebody Between" -addext "subjectAltName=${names}"
printf 'subjectAltName=${names}\nextendedKeyUsage=serverAuth\n' >server.ext
printf 'subjectAltName=DNS:portal.example.com\nextendedKeyUsage=serverAuth\n' >other.ext
printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n' >authority.ext
sign() { # name, key options, extensions, issuer, more options
  openssl req $2 -keyout $1.key -out $1.csr -subj "/CN=$1.${domain}"
  openssl x509 -req -in $1.csr -CA $4.pem -CAkey $4.key -CAcreateserial -extfile $3.ext -out $1.crt $5
}
past="-not_before 20240101000000Z -not_after 20250101000000Z"
sign good "$ec" server platform "-days 30"
sign otherName "$ec" other platform "-days 30"
sign expired "$ec" server platform "$past"
sign notYet "$ec" server platform "-not_before 20400101000000Z -not_after 20410101000000Z"
sign shortKey "-newkey rsa:1024 -nodes" server platform "-days 30"
sign sha1 "$ec" server platform "-days 30 -sha1"
sign old "$ec" authority platform "$past"
cp old.crt old.pem
sign authorityExpired "$ec" server old "-days 30"
cat old.crt >>authorityExpired.crt
printf 'subjectAltName=DNS:proxy.${domain}\nextendedKeyUsage=serverAuth\n' >proxy.ext
sign proxyExpired "$ec" proxy company "$past"
for name in own proxyExpired; do cat $name.key $name.crt >$name.both; done
chmod 644 *.both
`;
