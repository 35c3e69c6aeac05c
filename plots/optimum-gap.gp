# optimum-gap.gp -- Every linear parameterisation reaches the eigenvalue
# optimum minus its predicted gap: measured gap |EIG - trained| of each run, by
# parameterisation, over Gaussian data of condition 1 to 1e6 and real tables,
# with and without bias. Dashed bars: the predicted gaps that are not zero;
# dashed line: the tolerance 1e-6. Below about 1e-9 lies rounding.
width = 900; height = 520
load 'plots/style.gp'

names = 'dense|P L U|Q R|SVD|triangular|diagonal x d-1 reflections|deep linear (3)|actnorm + 1x1|scalar x SL(d)|shears + scalar|diagonal x 1 reflection|diagonal|scalar x O(d)|SL(d)|I (x) 1x1'
item(k) = (r = names, sum [i = 1:k] (p = strstrt(r, '|'), w = p ? r[1:p-1] : r, r = p ? r[p+1:] : '', 0), w)
count = 15
place(s) = (found = 0, sum [i = 1:count] (item(i) eq s ? (found = i, 0) : 0), found)
floored(y) = abs(y) < 1e-16 ? 1e-16 : abs(y)
is_real(s) = s[1:5] ne 'gauss'
file = out.'/optimum-linear.csv'

set logscale y
set yrange [5e-17:3e4]
set xrange [0.4:15.6]
set format y '10^{%T}'
set ylabel 'gap to the eigenvalue optimum [nats per sample]'
set xtics ()
set for [i = 1:count] xtics add (item(i) i) rotate by -35
set bmargin 9
set lmargin 11
set rmargin 8
set key outside top center horizontal
set arrow 1 from 10.5, graph 0 to 10.5, graph 1 nohead lc rgb '#bbbbbb' lw 0.8
set label 1 'predicted gap 0' at 5.5, 1e1 center
set label 2 'predicted gap not 0' at 13.6, 1e-9 center
set label 3 'not predicted' at 11, 3e-11 center rotate by 90 font ',11'
set arrow 2 from 11.5, graph 0 to 11.5, graph 1 nohead lc rgb '#bbbbbb' lw 0.8
jitter(n) = 0.22 * (rand(0) - 0.5)
seed = rand(7)

plot file using (is_real(stringcolumn('data')) ? NaN : place(stringcolumn('parameterisation')) - 0.14 + jitter(0)):(floored(column('gap_nats'))) \
         with points ls 1 title 'Gaussian data', \
     '' using (is_real(stringcolumn('data')) ? place(stringcolumn('parameterisation')) + 0.14 + jitter(0) : NaN):(floored(column('gap_nats'))) \
         with points ls 2 title 'real tables', \
     '' using (column('predicted_gap_nats') > 1e-9 ? place(stringcolumn('parameterisation')) : NaN):(column('predicted_gap_nats')):(0.36) \
         with xerrorbars lc rgb 'black' lw 1 dt (4, 2) pt 0 title 'predicted', \
     1e-6 with lines ls theory title 'tolerance'
