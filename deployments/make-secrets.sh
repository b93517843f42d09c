#!/bin/sh
# Makes the secrets that docker-compose.yml and the dev overlay of Kubernetes read, in deployments/secrets (which git ignores). What is
# there already stays as it is: a second run changes nothing. Needs openssl.
set -eu
umask 077
folder="$(dirname "$0")/secrets"
mkdir -p "$folder"
cd "$folder"

secret() { [ -s "$1" ] || openssl rand -hex 32 | tr -d '\n' > "$1"; }
secret jwt_secret
secret internal_secret
secret postgres_password
secret grafana_password
[ -s database_url ] || printf 'postgresql://tradsys:%s@postgres:5432/tradsys' "$(cat postgres_password)" > database_url

# A password of NATS begins with a letter: its configuration reads a bare number as one.
for role in engine projector accounts market_data orders risk strategies; do
  [ -s "nats_password_$role" ] || printf 'p%s' "$(openssl rand -hex 32)" > "nats_password_$role"
done
for role in engine projector accounts market_data orders risk strategies; do
  printf 'NATS_%s_PASSWORD=%s\n' "$(printf %s "$role" | tr '[:lower:]' '[:upper:]')" "$(cat "nats_password_$role")"
done > nats_passwords

# An authority of one's own, and the certificate of the server that the roles know as `nats`.
if [ ! -s nats_certificate ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=tradsys NATS authority' \
    -keyout nats_ca_key -out nats_ca 2> /dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=nats' -keyout nats_key -out nats_request 2> /dev/null
  printf 'subjectAltName=DNS:nats,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' > nats_extensions
  openssl x509 -req -in nats_request -CA nats_ca -CAkey nats_ca_key -CAcreateserial -days 825 -extfile nats_extensions -out nats_certificate 2> /dev/null
  rm -f nats_request nats_extensions nats_ca.srl
fi

# Containers read them as users of their own; the folder itself is the owner's alone.
chmod 644 ./*
chmod 600 nats_ca_key
printf 'Secrets are in %s\n' "$folder"
