# One file, two images, for amd64 and arm64:
#   docker build -t wickr-gateway --build-arg VERSION=1.2.3 .
#   docker build -t wickr-simulator --target simulator .
# The build runs on the builder's own architecture and compiles for the target's, so no emulator is needed.

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS source
WORKDIR /src
# Packages are restored again only when one of these files changes.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/WickrGateway/WickrGateway.csproj src/WickrGateway/
COPY src/WickrSimulator/WickrSimulator.csproj src/WickrSimulator/
ARG TARGETARCH
RUN dotnet restore src/WickrGateway -a $TARGETARCH && dotnet restore src/WickrSimulator -a $TARGETARCH
COPY . .
# No launcher: the images start dotnet themselves. No web.config: it is for IIS. No symbols: they contain generated log code in varying order, so
# two builds of the same source would differ. Stack traces still name every method.
ENV PUBLISH="dotnet publish -c Release --no-restore --no-self-contained -o /out -p:ContinuousIntegrationBuild=true -p:UseAppHost=false -p:IsTransformWebConfigDisabled=true -p:DebugType=none -p:PublishDocumentationFiles=false"

FROM source AS build-simulator
ARG TARGETARCH
ARG VERSION=1.0.0
RUN $PUBLISH src/WickrSimulator -a $TARGETARCH -p:Version=$VERSION

FROM source AS build-gateway
ARG TARGETARCH
ARG VERSION=1.0.0
RUN $PUBLISH src/WickrGateway -a $TARGETARCH -p:Version=$VERSION

# The base of both images: no shell, no package manager, and a numeric user, because runAsNonRoot cannot check a name.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS base
WORKDIR /app
USER 1654
# The root file system can be read-only: nothing is written, and without a /tmp the runtime opens no diagnostics port.
ENV ASPNETCORE_HTTP_PORTS=8080 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
EXPOSE 8080
ARG VERSION=1.0.0
ARG REVISION=unknown
# Only who builds knows these; what is not given stays empty. CREATED is the commit's time, so that the same source gives the same image.
ARG CREATED=
ARG SOURCE=
ARG VENDOR=
# The repository has no licence file.
ARG LICENSES=NOASSERTION
LABEL org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED \
      org.opencontainers.image.source=$SOURCE \
      org.opencontainers.image.url=$SOURCE \
      org.opencontainers.image.documentation=${SOURCE:+$SOURCE/blob/$REVISION/README.md} \
      org.opencontainers.image.vendor=$VENDOR \
      org.opencontainers.image.licenses=$LICENSES \
      org.opencontainers.image.base.name=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM base AS simulator
LABEL org.opencontainers.image.title="WickrSimulator" \
      org.opencontainers.image.description="A stand-in for the AWS Wickr Admin API, for development and tests"
COPY --from=build-simulator /out .
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["dotnet", "WickrSimulator.dll", "--healthcheck"]
ENTRYPOINT ["dotnet", "WickrSimulator.dll"]

FROM base AS gateway
LABEL org.opencontainers.image.title="WickrGateway" \
      org.opencontainers.image.description="Suspends and unsuspends AWS Wickr users: callers, grants, retries and an audit before the Wickr Admin API"
COPY --from=build-gateway /out .
# For probes and Prometheus: clients that fill the API's port cannot keep them out. The health check below reads this variable, not the other settings.
ENV Management__Port=8081
EXPOSE 8081
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["dotnet", "WickrGateway.dll", "--healthcheck"]
ENTRYPOINT ["dotnet", "WickrGateway.dll"]
