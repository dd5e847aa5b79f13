import { type Disk, isDiskError } from '../host/index.ts'
import { type BootstrapFile, readBootstrapCheckpoint } from './bootstrap-checkpoint.ts'
import { type DirectoryState, type MetaProperties, readDirectories } from './meta-properties.ts'

/** What `storage info` tells. */
export interface StorageInfo {
  readonly directories: readonly DirectoryInfo[]
  /** Of the first formatted directory. */
  readonly metadata: MetaProperties | undefined
  readonly problems: readonly string[]
}
export interface DirectoryInfo {
  readonly path: string
  readonly state: 'missing' | 'not a directory' | 'not formatted' | 'formatted' | 'failed'
  readonly properties: MetaProperties | undefined
  /** Feature levels and credentials that the cluster started with, or will. */
  readonly bootstrap: BootstrapFile | undefined
}

/** Looks at the log directories of a node and says what is wrong with them (StorageTool.infoCommand). Changes nothing. */
export const storageInfo = async (disk: Disk, paths: readonly string[]): Promise<StorageInfo> => {
  const problems: string[] = []
  const directories: DirectoryInfo[] = []
  let metadata: MetaProperties | undefined
  for (const state of await readDirectories(disk, paths)) {
    const info = await directoryInfo(disk, state, problems)
    directories.push(info)
    if (info.properties === undefined) continue
    metadata ??= info.properties
    if (metadata.clusterId !== info.properties.clusterId) problems.push('Mismatched cluster IDs between storage directories.')
    else if (metadata.nodeId !== info.properties.nodeId) problems.push('Mismatched node IDs between storage directories.')
  }
  if (metadata?.version === 0) {
    problems.push(
      'The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are formatted for legacy mode.',
    )
  }
  return { directories, metadata, problems }
}

const directoryInfo = async (disk: Disk, state: DirectoryState, problems: string[]): Promise<DirectoryInfo> => {
  const { path } = state
  const none = { path, properties: undefined, bootstrap: undefined }
  switch (state.kind) {
    case 'failed': {
      if (isDiskError(state.error, 'ENOTDIR')) return problem(problems, `${path} is not a directory`, { ...none, state: 'not a directory' })
      return problem(problems, `Error loading ${path}/meta.properties: ${state.error.message}`, { ...none, state: 'failed' })
    }
    case 'empty': {
      const stat = await disk.stat(path)
      if (stat === undefined) return problem(problems, `${path} does not exist`, { ...none, state: 'missing' })
      if (stat.kind === 'file' || stat.kind === 'other')
        return problem(problems, `${path} is not a directory`, { ...none, state: 'not a directory' })
      return problem(problems, `${path} is not formatted.`, { ...none, state: 'not formatted' })
    }
    case 'formatted': {
      const bootstrap = await readBootstrapCheckpoint(disk, path)
      if (bootstrap?.problem !== undefined) problems.push(bootstrap.problem)
      return { path, state: 'formatted', properties: state.properties, bootstrap }
    }
  }
}

const problem = (problems: string[], text: string, info: DirectoryInfo): DirectoryInfo => {
  problems.push(text)
  return info
}
