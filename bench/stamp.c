// cp, but the first of a build writes the time (ns since 1970) into STAMP.

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **words) {
  int file = count > 0 ? open(STAMP, O_WRONLY | O_CREAT | O_EXCL, 0644) : -1;
  if (file >= 0) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    dprintf(file, "%lld\n", t.tv_sec * 1000000000LL + t.tv_nsec);
    close(file);
  }
  words[0] = "cp";
  execv("/usr/bin/cp", words);
  return 127;
}
