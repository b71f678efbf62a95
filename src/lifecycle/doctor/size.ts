/** Bytes for people, in the decimal units of `df -H`: `84 MB`, `1.2 GB`. */
export function sizeInWords(bytes: number): string {
  const megabytes = Math.round(bytes / 1e6);
  return megabytes >= 1000 ? `${(megabytes / 1000).toFixed(1)} GB` : `${megabytes} MB`;
}
