# The gateway alone, with its embedded engines; compose.yaml runs it with drachtio-server and FreeSWITCH.
FROM node:20-bookworm-slim AS build
WORKDIR /opt/etasilta
# sqlite3 is compiled where no binary of it fits or can be had, with the headers that the image brings.
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm_config_nodedir=/usr/local npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
WORKDIR /opt/etasilta
COPY --from=build /opt/etasilta/package.json ./
COPY --from=build /opt/etasilta/node_modules node_modules
COPY --from=build /opt/etasilta/dist dist
COPY dialplans dialplans
COPY directory-data directory-data
COPY LICENSE README.md ./
ENV ETASILTA_DATA_DIR=/var/lib/etasilta
RUN chmod +x dist/main.js && ln -s /opt/etasilta/dist/main.js /usr/local/bin/etasilta && mkdir /var/lib/etasilta && chown node:node /var/lib/etasilta
VOLUME /var/lib/etasilta
USER node
# Exit code 0 while the gateway takes calls.
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s CMD ["etasilta", "status"]
ENTRYPOINT ["etasilta"]
CMD ["serve"]
