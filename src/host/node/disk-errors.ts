import { DiskError, type DiskErrorCode } from '../disk.ts'

/** What the system says → what rooms tell apart. Everything else is EIO: treated as a failing device. */
const codes: ReadonlyMap<string, DiskErrorCode> = new Map<string, DiskErrorCode>([
  ['ENOENT', 'ENOENT'],
  ['EEXIST', 'EEXIST'],
  ['ENOTDIR', 'ENOTDIR'],
  ['EISDIR', 'EISDIR'],
  ['ENOTEMPTY', 'ENOTEMPTY'],
  ['EACCES', 'EACCES'],
  ['EPERM', 'EACCES'],
  ['EROFS', 'EROFS'],
  ['ENOSPC', 'ENOSPC'],
  ['EDQUOT', 'ENOSPC'],
  ['EFBIG', 'ENOSPC'],
  ['EMFILE', 'EMFILE'],
  ['ENFILE', 'EMFILE'],
  ['EINVAL', 'EINVAL'],
  ['ENAMETOOLONG', 'EINVAL'],
  ['ELOOP', 'EINVAL'],
  ['EXDEV', 'EINVAL'],
  ['ERR_INVALID_ARG_VALUE', 'EINVAL'],
  ['ERR_FS_EISDIR', 'EISDIR'],
])

export function diskError(error: unknown, operation: string, path: string): DiskError {
  if (error instanceof DiskError) return error
  const code = (error as NodeJS.ErrnoException | null)?.code
  return new DiskError((code !== undefined && codes.get(code)) || 'EIO', operation, path, error)
}

/** Runs one disk operation; whatever it throws leaves as a DiskError. */
export async function asDisk<T>(operation: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw diskError(error, operation, path)
  }
}
