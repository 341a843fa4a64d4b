// What the sites under test store, by purpose.
const patterns = {
  statistics: /^(_ga|_ga_.+|_gid|_pk_id\..+|_pk_ses\..+|_hjSessionUser_.+|FPID|_pcid|_pprv)$/,
  marketing: /^(_fbp|_gcl_au|_gcl_aw|_uetvid|_ttp|cto_bundle|li_fat_id)$/,
  functional: /^__zlcmid$/,
  necessary: /^(PHPSESSID|session_id|remember_web_.+|DokuWiki|DW[0-9a-f]+|DOKU_PREFS|mtm_consent_removed)$/,
  unknown: /^(reader_id|last_read|image_id|api_client|campaign_ref|last_error|compare_list|theme)$/,
  ours: /^(__Host-|__Secure-)?privacy/,
};

// purposeOf throws on a cookie nobody planned, so that none goes unnoticed.
export function purposeOf(name) {
  const found = Object.entries(patterns).find(([, pattern]) => pattern.test(name));
  if (!found) throw new Error(`a cookie that is in no list: ${name}`);
  return found[0];
}

const consentBound = new Set(['statistics', 'marketing', 'functional']);

export const needsConsent = (name) => consentBound.has(purposeOf(name));
export const isOurs = (name) => purposeOf(name) === 'ours';
