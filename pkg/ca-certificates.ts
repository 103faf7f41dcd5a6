import { custom, debian, tools } from "../lib/linux/mod.ts"

// A certificate counts if another object, with the same issuer and serial number, says that servers are believed by it.
const bundle = `
import base64, re, sys, textwrap

def octal(thing, name):
    found = re.search(name + r" MULTILINE_OCTAL\\n(.*?)END\\n", thing, re.DOTALL)
    return bytes(int(digits, 8) for digits in re.findall(r"\\\\([0-7]{3})", found[1]))

def who(thing):
    return octal(thing, "CKA_ISSUER"), octal(thing, "CKA_SERIAL_NUMBER")

with open(sys.argv[1], encoding="utf-8") as file:
    things = file.read().split("CKA_CLASS CK_OBJECT_CLASS ")
believed = {who(one) for one in things if "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_TRUSTED_DELEGATOR" in one}
for one in things:
    if one.startswith("CKO_CERTIFICATE") and who(one) in believed:
        print("-----BEGIN CERTIFICATE-----")
        print(textwrap.fill(base64.b64encode(octal(one, "CKA_VALUE")).decode(), 64))
        print("-----END CERTIFICATE-----")
`

// Whoever cannot read one of them reads fewer.
const readable = `
import ssl
file = "ca-certificates.crt"
here = open(file).read().count("BEGIN")
read = len(ssl.create_default_context(cafile=file).get_ca_certs())
print(read, "of", here)
assert read == here > 100
`

export default custom(
  {
    name: "ca-certificates",
    version: "20250419",
    about: "whom TLS believes: the certificate authorities that Mozilla trusts",
    license: "MPL-2.0",
    licenseText: ["debian/copyright"],
    source: [
      debian("ca-certificates", "33b44ef78653ecd3f0f2f13e5bba6be466be2e7da72182f737912b81798ba5d2", {
        suite: "trixie",
      }),
    ],
    seconds: 2,
    usesToolchain: false,
    check: () => `python3 -c '${readable}'`,
    phases: ({ source }) => ({
      build: `python3 -c '${bundle}' ${source}/mozilla/certdata.txt >ca-certificates.crt`,
      // OpenSSL looks in the second place, curl in the first.
      install: `mkdir -p "$DESTDIR/etc/ssl/certs"
cp ca-certificates.crt "$DESTDIR/etc/ssl/certs/"
ln -s certs/ca-certificates.crt "$DESTDIR/etc/ssl/cert.pem"`,
    }),
  },
  [tools.python],
)
