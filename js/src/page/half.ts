// Numbers in half precision (IEEE 754 binary16), as single precision: not every browser has Float16Array.

/** The bytes of the same numbers in single precision. */
export function widened(halves: Uint16Array): Uint8Array {
  const numbers = Float32Array.from({ length: 1 << 16 }, (_, bits) => number(bits));
  const wide = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) wide[i] = numbers[halves[i] as number] as number;
  return new Uint8Array(wide.buffer);
}

function number(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}
