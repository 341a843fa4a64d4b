// The smallest font a browser believes in: it knows the letter e, as a box.
// Tables are those of the OpenType specification, written as 16-bit words.

const zeros = (count) => Array(count).fill(0);
const e = 0x65;

// A contour of four points: 100,0 500,0 500,700 100,700, as steps of two words each.
const box = [1, 100, 0, 500, 700, 3, 0, 0x0101, 0x0101, 100, 400, 0, -400, 0, 0, 700, 0];

const tables = {
  'OS/2': [4, 600, 400, 5, ...zeros(27), 0x40, e, e, 800, -200, 0, 800, 200, ...zeros(4), 500, 700, 0, 0x20, 0],
  cmap: [0, 1, 3, 1, 0, 12, 4, 32, 0, 4, 4, 1, 0, e, 0xffff, 0, e, 0xffff, 1 - e, 1, 0, 0],
  glyf: box,
  head: [1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 0, 1000, ...zeros(8), 100, 0, 500, 700, 0, 8, 2, 0, 0],
  hhea: [1, 0, 800, -200, 0, 600, 100, 100, 500, 1, ...zeros(7), 2],
  hmtx: [600, 0, 600, 100],
  loca: [0, 0, box.length],
  maxp: [1, 0, 2, 4, 1, 0, 0, 2, ...zeros(8)],
  name: [0, 0, 6],
  post: [3, ...zeros(15)],
};

export const font = assembled();

function assembled() {
  const names = Object.keys(tables);
  const directory = [1, 0, names.length, 128, 3, names.length * 16 - 128];
  const bodies = [];
  let offset = 12 + names.length * 16;
  for (const name of names) {
    const length = tables[name].length * 2;
    const body = padded(bytes(tables[name]));
    const letters = Buffer.from(name);
    directory.push(letters.readUInt16BE(0), letters.readUInt16BE(2), ...long(sum(body)), ...long(offset), ...long(length));
    bodies.push(body);
    offset += body.length;
  }
  return Buffer.concat([bytes(directory), ...bodies]);
}

function bytes(words) {
  const buffer = Buffer.alloc(words.length * 2);
  words.forEach((word, i) => buffer.writeUInt16BE(word & 0xffff, i * 2));
  return buffer;
}

function padded(buffer) {
  return Buffer.concat([buffer, Buffer.alloc(-buffer.length & 3)]);
}

function long(number) {
  return [number >>> 16, number & 0xffff];
}

function sum(buffer) {
  let total = 0;
  for (let i = 0; i < buffer.length; i += 4) total = (total + buffer.readUInt32BE(i)) >>> 0;
  return total;
}
