# Caddy with the privacy gateway, built from this checkout:
#
#	docker build -f xcaddy.Dockerfile -t caddy-privacy .
#	docker run -p 80:80 -p 443:443 -v ./Caddyfile:/etc/caddy/Caddyfile \
#		-v caddy_data:/data caddy-privacy
#
# The volume keeps certificates, keys and receipts: without it, every choice of
# every visitor is forgotten when the container goes.
ARG CADDY=2.11.9

FROM caddy:${CADDY}-builder AS builder
ARG CADDY
WORKDIR /src
COPY . .
RUN xcaddy build v${CADDY} --output /usr/bin/caddy \
	--with github.com/caddy-privacy/caddy-privacy/caddymodule \
	--replace github.com/caddy-privacy/caddy-privacy=/src

FROM caddy:${CADDY}
COPY --from=builder /usr/bin/caddy /usr/bin/caddy
