/** What a client says of itself in ApiVersions (KIP-511). */
export interface ClientSoftware {
  readonly name: string
  readonly version: string
}

/** What the clients of open connections said of themselves. As large as there are connections: each is forgotten when it closes. */
export class ClientSoftwares {
  private readonly byConnection = new Map<string, ClientSoftware>()

  learn(connectionId: string, software: ClientSoftware): void {
    this.byConnection.set(connectionId, software)
  }

  of(connectionId: string): ClientSoftware | undefined {
    return this.byConnection.get(connectionId)
  }

  disconnected(connectionId: string): void {
    this.byConnection.delete(connectionId)
  }
}
