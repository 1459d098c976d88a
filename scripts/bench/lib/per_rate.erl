%% The PDUs of a file through Erlang's aligned PER codec, one scheduler: prints decodes and encodes a second of CPU time.
%%   erl +S 1 -noshell -s per_rate main -- FILE SECONDS      FILE has lines of TYPE HEX, types of the module 'H323'
-module(per_rate).
-export([main/0]).

main() ->
    [File, Seconds] = init:get_plain_arguments(),
    {ok, Text} = file:read_file(File),
    Pdus = [{binary_to_atom(Type), binary:decode_hex(Hex)} ||
               Line <- binary:split(Text, <<"\n">>, [global, trim_all]), [Type, Hex] <- [binary:split(Line, <<" ">>)]],
    Values = [{Type, element(2, {ok, _} = 'H323':decode(Type, Octets))} || {Type, Octets} <- Pdus],
    Budget = list_to_integer(Seconds) * 1000,
    Decode = fun({Type, Octets}) -> {ok, _} = 'H323':decode(Type, Octets) end,
    Encode = fun({Type, Value}) -> {ok, _} = 'H323':encode(Type, Value) end,
    lists:foreach(Decode, Pdus),
    io:format("~w ~w~n", [rate(Decode, Pdus, Budget), rate(Encode, Values, Budget)]),
    halt(0).

rate(Work, Items, Budget) ->
    {Start, _} = statistics(runtime),
    rounds(Work, Items, Start, Budget, 0).

rounds(Work, Items, Start, Budget, Done) ->
    lists:foreach(Work, Items),
    {Now, _} = statistics(runtime),
    case Now - Start of
        Used when Used >= Budget -> round((Done + length(Items)) * 1000 / Used);
        _ -> rounds(Work, Items, Start, Budget, Done + length(Items))
    end.
