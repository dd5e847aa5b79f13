/** What of an output varies from run to run, made equal. Column widths follow the values, so that blanks of the same kind count once. */
export function masked(text: string): string {
  return (
    text
      // The frames of a program in Java are not those of ours.
      .replace(/^\s+(?:at |\.\.\. \d+ more).*\n/gm, '')
      .replace(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\]/gm, '[TIME]')
      // Java's client tells of single connections, ours of the end of a call.
      .replace(/^\[TIME\] (?:WARN|ERROR) .*\(org\.apache\.kafka\.clients\..*\n(?:org\.apache\.kafka\.common\.errors.*\n)?/gm, '')
      // Sets in Java's messages have the order of the day.
      .replace(
        /^Option combination "\[(.*?)\]" can/gm,
        (_, set: string) => `Option combination "[${set.split(', ').sort().join(', ')}]" can`,
      )
      .replace(
        /^(.*(?:Valid states are|takes the following options|takes one of these options|one of the following scenarios|only supports operations):? \[?)(.*?)(\]?)$/gm,
        (_, said: string, set: string, end: string) => `${said}${set.split(', ').sort().join(', ')}${end}`,
      )
      .replace(/(console-consumer|perf-consumer)-\d+ *(\)?) */g, '$1-N $2')
      .replace(/adminclient-\d+/g, 'adminclient-N')
      .replace(/\b1[6-9]\d{11}\b/g, 'MILLIS')
      // How long a transaction has been running.
      .replace(/^(\d+ *\t.*\tMILLIS *\t)\d+( *\t.*\t)$/gm, '$1N$2')
  )
}
