export interface MatrixCase {
  readonly tool: string
  readonly args: readonly string[]
  readonly stdin?: string
  /** Not compared: it makes what others look at. */
  readonly prepare?: true
  /** A command line of ours that runs before either, as what is compared changes something. */
  readonly before?: readonly string[]
  /** What lies in the folder that FOLDER stands for. In arguments, DATA is the log directory of the broker. */
  readonly files?: Readonly<Record<string, string>>
  /** Folders below FOLDER that are removed before either. */
  readonly fresh?: readonly string[]
  /** A consumer of the group `live` reads t1 meanwhile, until the end. */
  readonly live?: true
  /** Kafka's tool ends its process as no other does: it runs in one of its own. */
  readonly alone?: true
  /** The order of lines is that of a set of Java's. */
  readonly unordered?: true
}

/** Makes cases of a tool: with these words only, or with the cluster's address before them. */
export function toolCases(server: string) {
  const at = ['--bootstrap-server', server]
  return (name: string) => ({
    is: (words: string, extra: Partial<MatrixCase> = {}): MatrixCase => ({
      tool: name,
      args: words === '' ? [] : words.split(' '),
      ...extra,
    }),
    at: (words: string, extra: Partial<MatrixCase> = {}): MatrixCase => ({
      tool: name,
      args: [...at, ...(words === '' ? [] : words.split(' '))],
      ...extra,
    }),
  })
}
