/* A small libnvidia-ml.so.1 with two cards, for tests on machines without one.
 *
 * FAKE_NVML_CONTROL names a file of faults, read anew at every call; a line is one of
 *     init CODE                  nvmlInit fails with CODE
 *     kernel VERSION             the kernel module's version; another one than ours is a mismatch
 *     lost CARD                  the card answers nothing but "GPU is lost"
 *     fail FUNCTION CARD CODE    this function fails on this card
 *     xid CARD NUMBER SERIAL     an error event, delivered once a serial
 * FAKE_NVML_LOG names a file that gets one line a call: function and card (-1 where none).
 * -DDRIVER_VERSION=n sets our version; -DOLD_DRIVER leaves out the newer symbols.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef DRIVER_VERSION
#define DRIVER_VERSION 1
#endif
#define CARDS 2

enum {
  OK = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7,
  TIMEOUT = 10, LOST = 15, MISMATCH = 18
};

typedef unsigned int uint;
typedef unsigned long long u64;
typedef struct { int index; } card_t;
typedef struct { u64 total, free, used; } memory_t;
typedef struct { uint version; u64 total, reserved, free, used; } memory_v2_t;
typedef struct { uint gpu, memory; } rates_t;
typedef struct { uint version; int sensor, celsius; } temperature_t;
typedef struct { uint pid; u64 used; uint gpu_instance, compute_instance; } process_t;
typedef struct { card_t *card; u64 type, data; uint gpu_instance, compute_instance; } event_t;

static card_t cards[CARDS] = {{0}, {1}};
static const char *addresses[CARDS] = {"0000:01:00.0", "0000:3b:00.0"};
static int last_serial;

static void note(const char *function, int card) {
  const char *path = getenv("FAKE_NVML_LOG");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (file) {
    fprintf(file, "%s %d\n", function, card);
    fclose(file);
  }
}

/* The fault that the control file asks for at this call, or OK. */
static int fault(const char *function, int card) {
  const char *path = getenv("FAKE_NVML_CONTROL");
  FILE *file = path ? fopen(path, "r") : NULL;
  char line[200], name[100];
  int code, which, found = OK;
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "kernel %d", &which) == 1 && which != DRIVER_VERSION) found = MISMATCH;
    if (sscanf(line, "lost %d", &which) == 1 && which == card) found = LOST;
    if (sscanf(line, "init %d", &code) == 1 && !strcmp(function, "nvmlInitWithFlags")) found = code;
    if (sscanf(line, "fail %99s %d %d", name, &which, &code) == 3 && which == card &&
        !strcmp(name, function))
      found = code;
  }
  if (file) fclose(file);
  return found;
}

static int enter(const char *function, int card) {
  note(function, card);
  return fault(function, card);
}

#define ENTER(card)                            \
  do {                                         \
    int code_ = enter(__func__, (card)->index); \
    if (code_ != OK) return code_;             \
  } while (0)

int nvmlInitWithFlags(uint flags) { (void)flags; return enter(__func__, -1); }
int nvmlShutdown(void) { note(__func__, -1); return OK; }

int nvmlDeviceGetCount_v2(uint *count) { *count = CARDS; return enter(__func__, -1); }

int nvmlDeviceGetHandleByIndex_v2(uint index, card_t **card) {
  if (index >= CARDS) return INVALID_ARGUMENT;
  *card = &cards[index];
  return enter(__func__, (int)index);
}

int nvmlDeviceGetHandleByPciBusId_v2(const char *address, card_t **card) {
  for (int i = 0; i < CARDS; i++)
    if (!strcmp(address, addresses[i])) {
      *card = &cards[i];
      return enter(__func__, i);
    }
  return NOT_FOUND;
}

int nvmlDeviceGetUUID(card_t *card, char *text, uint size) {
  ENTER(card);
  snprintf(text, size, "GPU-%d", card->index);
  return OK;
}

int nvmlDeviceGetName(card_t *card, char *text, uint size) {
  ENTER(card);
  snprintf(text, size, card->index ? "NVIDIA L4" : "NVIDIA A100");
  return OK;
}

int nvmlDeviceGetUtilizationRates(card_t *card, rates_t *rates) {
  ENTER(card);
  rates->gpu = 50 + 20 * (uint)card->index;
  rates->memory = 25;
  return OK;
}

int nvmlDeviceGetEncoderUtilization(card_t *card, uint *percent, uint *period_us) {
  ENTER(card);
  *percent = 10;
  *period_us = 167000;
  return OK;
}

int nvmlDeviceGetMemoryInfo(card_t *card, memory_t *memory) {
  ENTER(card);
  *memory = (memory_t){.total = 8ull << 30, .free = 5ull << 30, .used = 3ull << 30};
  return OK;
}

int nvmlDeviceGetTemperature(card_t *card, int sensor, uint *celsius) {
  ENTER(card);
  (void)sensor;
  *celsius = 60;
  return OK;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(card_t *card, u64 *reasons) {
  ENTER(card);
  *reasons = 0x1 | 0x4;
  return OK;
}

#ifndef OLD_DRIVER
int nvmlDeviceGetDecoderUtilization(card_t *card, uint *percent, uint *period_us) {
  ENTER(card);
  *percent = 20;
  *period_us = 167000;
  return OK;
}

int nvmlDeviceGetMemoryInfo_v2(card_t *card, memory_v2_t *memory) {
  ENTER(card);
  *memory = (memory_v2_t){.total = 8ull << 30, .reserved = 1ull << 30, .free = 5ull << 30,
                          .used = 2ull << 30};
  return OK;
}

int nvmlDeviceGetTemperatureV(card_t *card, temperature_t *temperature) {
  ENTER(card);
  temperature->celsius = 61;
  return OK;
}

int nvmlDeviceGetCurrentClocksEventReasons(card_t *card, u64 *reasons) {
  ENTER(card);
  *reasons = 0x40 | 0x8;
  return OK;
}
#endif

int nvmlDeviceGetPowerUsage(card_t *card, uint *mw) { ENTER(card); *mw = 71500; return OK; }
int nvmlDeviceGetEnforcedPowerLimit(card_t *card, uint *mw) { ENTER(card); *mw = 72000; return OK; }

int nvmlDeviceGetTotalEnergyConsumption(card_t *card, u64 *mj) {
  ENTER(card);
  *mj = 123456789;
  return OK;
}

int nvmlDeviceGetTotalEccErrors(card_t *card, int type, int counter, u64 *count) {
  ENTER(card);
  (void)counter;
  *count = type == 1 ? 2 : 7; /* 1: uncorrected */
  return OK;
}

int nvmlDeviceGetRemappedRows(card_t *card, uint *corrected, uint *uncorrected, uint *pending,
                              uint *failed) {
  ENTER(card);
  *corrected = 3;
  *uncorrected = 1;
  *pending = *failed = 0;
  return OK;
}

int nvmlDeviceGetPcieThroughput(card_t *card, int counter, uint *kb_per_second) {
  ENTER(card);
  (void)counter;
  *kb_per_second = 1;
  return OK;
}

/* Three processes: one of a namespace that nobody here knows, ours, and one without a size. */
int nvmlDeviceGetComputeRunningProcesses_v3(card_t *card, uint *count, process_t *processes) {
  const char *pid = getenv("FAKE_NVML_PID");
  ENTER(card);
  if (*count < 3 || !processes) {
    *count = 3;
    return INSUFFICIENT_SIZE;
  }
  *count = 3;
  processes[0] = (process_t){.pid = 4194305, .used = 1ull << 30};
  processes[1] = (process_t){.pid = pid ? (uint)atoi(pid) : 1, .used = 2ull << 30};
  processes[2] = (process_t){.pid = 4194306, .used = UINT64_MAX};
  return OK;
}

/* The first of them draws, too: it stands in both lists. */
int nvmlDeviceGetGraphicsRunningProcesses_v3(card_t *card, uint *count, process_t *processes) {
  ENTER(card);
  if (*count < 1 || !processes) {
    *count = 1;
    return INSUFFICIENT_SIZE;
  }
  *count = 1;
  processes[0] = (process_t){.pid = 4194305, .used = 1ull << 30};
  return OK;
}

int nvmlEventSetCreate(void **set) { *set = &last_serial; return enter(__func__, -1); }
int nvmlEventSetFree(void *set) { (void)set; return enter(__func__, -1); }

int nvmlDeviceRegisterEvents(card_t *card, u64 types, void *set) {
  ENTER(card);
  (void)set;
  return types == 8 ? OK : NOT_SUPPORTED; /* 8: critical XID */
}

int nvmlEventSetWait_v2(void *set, event_t *event, uint timeout_ms) {
  const char *path = getenv("FAKE_NVML_CONTROL");
  FILE *file = path ? fopen(path, "r") : NULL;
  char line[200];
  int card, number, serial, code = enter(__func__, -1);
  (void)set;
  if (timeout_ms != 0) abort(); /* The collector must never wait. */
  if (code == OK) code = TIMEOUT;
  while (file && code == TIMEOUT && fgets(line, sizeof line, file))
    if (sscanf(line, "xid %d %d %d", &card, &number, &serial) == 3 && serial > last_serial) {
      last_serial = serial;
      *event = (event_t){.card = &cards[card], .type = 8, .data = (u64)number};
      code = OK;
    }
  if (file) fclose(file);
  return code;
}
