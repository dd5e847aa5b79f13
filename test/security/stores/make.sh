#!/bin/sh
# Makes the key stores of this folder anew, with keytool of Java 17 and openssl 3. They are checked in, and valid for 100 years:
# run it only when one more kind of store is wanted. All that is secret in them is known to everyone.
#
#   trust.*      the authority alone            store password trust-secret
#   broker.*     localhost and 127.0.0.1        store password broker-secret
#   client.*     CN=client,O=tkafka             store password client-secret; in client.jks the key has key-secret of its own
#   *-legacy     as Java 8 wrote it: RC2 and 3DES            *-openssl   by openssl instead of keytool
#   elsewhere, expired                          as broker.pem, for another host, and of the year 2001
set -eu
cd "$(dirname "$0")"
rm -f *.jks *.p12 *.pem
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
years='-validity 36500'
curve='-keyalg EC -groupname secp256r1'
ca="-keystore $work/ca.p12 -storetype PKCS12 -storepass ca-secret"

keytool -genkeypair $ca -alias ca $curve $years -ext bc:c -dname 'CN=tkafka test authority,O=tkafka'
keytool -exportcert $ca -alias ca -rfc -file trust.pem

trust() { keytool "$@" -importcert -noprompt -alias authority -file trust.pem -storepass trust-secret; }
trust -keystore trust.jks -storetype JKS
trust -keystore trust.p12 -storetype PKCS12
trust -J-Dkeystore.pkcs12.legacy -keystore trust-legacy.p12 -storetype PKCS12
openssl pkcs12 -export -nokeys -in trust.pem -out trust-openssl.p12 -passout pass:trust-secret

# name, type, file, subject, validity, extensions: a key in a store, signed by the authority
issue() {
  store="-keystore $3 -storetype $2 -storepass $1-secret"
  keytool -genkeypair $store -alias "$1" $curve $5 -dname "$4"
  keytool -certreq $store -alias "$1" | keytool -gencert $ca -alias ca $5 $6 -rfc > "$work/$1.crt"
  cat "$work/$1.crt" trust.pem | keytool -importcert $store -alias "$1" -noprompt
}
issue broker PKCS12 broker.p12 'CN=broker,O=tkafka' "$years" '-ext san=dns:localhost,ip:127.0.0.1'
issue client PKCS12 client.p12 'CN=client,O=tkafka' "$years" ''
issue elsewhere PKCS12 "$work/elsewhere.p12" 'CN=elsewhere,O=tkafka' "$years" '-ext san=dns:kafka.example.com'
issue expired PKCS12 "$work/expired.p12" 'CN=expired,O=tkafka' '-startdate 2001/01/01 -validity 1' '-ext san=dns:localhost,ip:127.0.0.1'

copy() { keytool "$@" -importkeystore -noprompt -srckeystore client.p12 -srcstorepass client-secret -deststorepass client-secret; }
copy -destkeystore client.jks -deststoretype JKS -srcalias client -destkeypass key-secret
copy -J-Dkeystore.pkcs12.legacy -destkeystore client-legacy.p12 -deststoretype PKCS12

# name, store: key and chain as PEM
pem() { openssl pkcs12 -in "$2" -passin "pass:$1-secret" -nodes | sed -n '/-----BEGIN/,/-----END/p' > "$1.pem"; }
pem broker broker.p12
pem client client.p12
pem elsewhere "$work/elsewhere.p12"
pem expired "$work/expired.p12"
openssl pkcs12 -export -in client.pem -out client-openssl.p12 -passout pass:client-secret
{ openssl pkcs8 -topk8 -v2 aes256 -in client.pem -passout pass:key-secret; openssl x509 -in client.pem; cat trust.pem; } > client-enciphered.pem
