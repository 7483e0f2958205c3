// Argon2id in a worker of its own: its response alone may compile WebAssembly. What leaves it is a key, no bytes.
import { argon2id } from 'hash-wasm';
import { normalised } from '../crypto/passphrase.ts';
import type { PassphraseApi } from './protocol.ts';
import { serve } from './serve.ts';

serve<PassphraseApi>({
  async derive({ passphrase, salt }) {
    const bytes = await argon2id({
      password: normalised(passphrase),
      salt,
      parallelism: 1,
      iterations: 3,
      memorySize: 65_536,
      hashLength: 32,
      outputType: 'binary',
    });
    const key = await crypto.subtle.importKey('raw', bytes.slice(), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]);
    bytes.fill(0);
    return key;
  },
});
