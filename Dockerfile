# The program alone, without PostgreSQL: DATABASE_URL must name a server.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
# .git comes along: the program's version is that of the repository.
COPY . .
# Without cgo the program needs no library. grpcnotrace leaves out of gRPC, of which only messages are used, what makes the
# program twice as large.
RUN CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -ldflags='-s -w' -o /structural ./cmd/structural

FROM scratch
# To trust PostgreSQL, Redis and collectors of traces over TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /structural /structural
USER 65532:65532
ENV LOG_FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/structural", "health"]
ENTRYPOINT ["/structural"]
CMD ["serve"]
