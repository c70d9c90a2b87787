/* libsrtp's protection of one packet after another: ./protect <suite> <bytes> <seconds> prints nanoseconds per
   packet, or nothing when the library lacks the suite; ./protect version prints its version. */
#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static double measure(srtp_t session, int size, double seconds, unsigned *sequence) {
  static unsigned char source[2048], packet[2048 + SRTP_MAX_TRAILER_LEN];
  source[0] = 0x80;
  source[1] = 96;
  memset(source + 8, 1, 4);
  unsigned long packets = 0;
  double start = now(), end = start;
  while (end < start + seconds) {
    for (int n = 0; n < 200; n++) {
      int length = size;
      source[2] = *sequence >> 8;
      source[3] = *sequence;
      (*sequence)++;
      memcpy(packet, source, size);
      if (srtp_protect(session, packet, &length) != srtp_err_status_ok) exit(1);
    }
    packets += 200;
    end = now();
  }
  return (end - start) * 1e9 / packets;
}

static int set_suite(srtp_policy_t *policy, const char *suite) {
  if (strcmp(suite, "AEAD_AES_128_GCM") == 0) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
    return 1;
  }
  if (strcmp(suite, "AES_CM_128_HMAC_SHA1_80") != 0) return 0;
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
  return 1;
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "version") == 0) return puts(srtp_get_version_string()) < 0;
  if (count != 4) return 2;
  int size = atoi(arguments[2]);
  double seconds = atof(arguments[3]);
  unsigned char key[30] = {1, 2, 3};
  unsigned sequence = 0;
  srtp_policy_t policy;
  srtp_t session;
  memset(&policy, 0, sizeof policy);
  if (!set_suite(&policy, arguments[1])) return 2;
  policy.ssrc.type = ssrc_any_outbound;
  policy.key = key;
  policy.window_size = 128;
  if (srtp_init() != srtp_err_status_ok) return 1;
  /* Built without OpenSSL or NSS it has no GCM. */
  if (srtp_create(&session, &policy) != srtp_err_status_ok) return 0;
  measure(session, size, seconds / 2, &sequence);
  printf("%.0f\n", measure(session, size, seconds, &sequence));
  return 0;
}
