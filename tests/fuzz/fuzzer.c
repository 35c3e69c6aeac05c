/* fuzzer.c -- libFuzzer's entry: --target=NAME chooses one of the targets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

static const fuzz_target *chosen;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char option[] = "--target=";
    const char *name = "";
    for (int i = 1; i < *argc; i++)
        if (strncmp((*argv)[i], option, strlen(option)) == 0)
            name = (*argv)[i] + strlen(option);
    for (chosen = fuzz_targets; chosen->name; chosen++)
        if (strcmp(chosen->name, name) == 0)
            return 0;
    fprintf(stderr, "%s: --target=%s found, expected one of:", **argv, name);
    for (chosen = fuzz_targets; chosen->name; chosen++)
        fprintf(stderr, " %s", chosen->name);
    fputc('\n', stderr);
    _Exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    chosen->run(bytes, size);
    return 0;
}
