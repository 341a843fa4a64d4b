// Speaks for the official library of ALTCHA: reads questions from standard input, one
// line of JSON each, and writes the answers.
//
//   { create: { algorithm, cost, … }, secret }  → a signed challenge
//   { solve: challenge }                        → the proof, as it stands in a form
//   { verify: proof, secret }                   → { verified, expired, … }
import { createInterface } from 'node:readline';
import { createChallenge, solveChallenge, verifySolution } from 'altcha-lib';
import { deriveKey as pbkdf2 } from 'altcha-lib/algorithms/pbkdf2';
import { deriveKey as sha } from 'altcha-lib/algorithms/sha';

const deriveKey = (parameters, ...rest) => (parameters.algorithm.startsWith('PBKDF2/') ? pbkdf2 : sha)(parameters, ...rest);

async function answer({ create, solve, verify, secret }) {
  if (create) return createChallenge({ ...create, deriveKey, hmacSignatureSecret: secret });
  if (solve) {
    const solution = await solveChallenge({ challenge: solve, deriveKey });
    return btoa(JSON.stringify({ challenge: solve, solution }));
  }
  return verifySolution({ ...JSON.parse(atob(verify)), deriveKey, hmacSignatureSecret: secret });
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
